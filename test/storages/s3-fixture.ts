import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import type { DomainError } from '@app/domain';
import { s3StorageFactory } from '@app/storage';
import type { ArtifactStorage, ArtifactWriter, S3StoragesOptions, StorageSettings } from '@app/storage';
import { S3Proxy } from './s3-proxy.js';
import { S3Server } from './s3-server.js';
import type { S3ServerName } from './s3-server.js';

const MEBIBYTE = 1024 * 1024;

/** A server, a proxy before it, and a storage that uses it through the proxy; a bucket for each test. */
export class S3Fixture {
  /** A part and a piece. */
  readonly content = randomBytes(5 * MEBIBYTE + 1000);
  settings: StorageSettings & { bucket: string } = { bucket: '' };
  private readonly client: S3Client;
  private before = 0;

  private constructor(
    readonly server: S3Server,
    readonly proxy: S3Proxy,
  ) {
    this.client = server.client();
  }

  static async start(name: S3ServerName): Promise<S3Fixture> {
    const server = await S3Server.start(name);
    return new S3Fixture(server, await S3Proxy.start(server.port));
  }

  async stop(): Promise<void> {
    this.client.destroy();
    await this.proxy.close();
    await this.server.stop();
  }

  /** Returns a storage on a new bucket. */
  async renew(): Promise<ArtifactStorage> {
    this.proxy.heal();
    if (!this.listsUploads) this.before = await this.uploadFolders();
    this.settings = { ...(await this.server.bucket(this.proxy.port)), part_size_mib: '5' };
    return this.open();
  }

  /** A storage on the bucket, as another service would have it. It renews no lease, and pauses are short. */
  open(options: S3StoragesOptions = {}): ArtifactStorage {
    const tuning = { attempts: 3, pauseMs: () => 1, renewMs: 3_600_000, ...options.tuning };
    return s3StorageFactory({ ...options, tuning }).create({ id: 'far', name: 'far', settings: this.settings });
  }

  async begin(at: ArtifactStorage, bytes: Buffer | string = this.content): Promise<ArtifactWriter> {
    const writer = await at.create('', 'shop', '.sql');
    await writer.write(Buffer.from(bytes));
    return writer;
  }

  /** Makes a whole backup. Returns the error of it after its clean-up, as core does it. */
  async backup(at: ArtifactStorage): Promise<DomainError | undefined> {
    let writer: ArtifactWriter | undefined;
    try {
      writer = await this.begin(at);
      await writer.publish('{"a":1}', 'CREATE ROLE a;');
      return undefined;
    } catch (error) {
      await writer?.discard();
      return error as DomainError;
    }
  }

  async keys(): Promise<string[]> {
    const { Contents = [] } = await this.client.send(new ListObjectsV2Command({ Bucket: this.settings.bucket }));
    return Contents.map(({ Key = '' }) => Key);
  }

  async textOf(key: string): Promise<string> {
    const { Body } = await this.client.send(new GetObjectCommand({ Bucket: this.settings.bucket, Key: key }));
    return (await Body?.transformToString()) ?? '';
  }

  async put(key: string, text: string): Promise<void> {
    await this.client.send(new PutObjectCommand({ Bucket: this.settings.bucket, Key: key, Body: text }));
  }

  async delete(key: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand({ Bucket: this.settings.bucket, Key: key }));
  }

  /** Whether the server can list uploads. */
  get listsUploads(): boolean {
    return this.server.name !== 'fauxqs';
  }

  /** How many uploads the test has begun and not ended. */
  async uploads(): Promise<number> {
    if (!this.listsUploads) return (await this.uploadFolders()) - this.before;
    const { Uploads = [] } = await this.client.send(new ListMultipartUploadsCommand({ Bucket: this.settings.bucket }));
    return Uploads.length;
  }

  private async uploadFolders(): Promise<number> {
    return (await readdir(join(this.server.folder, '_multipart'))).length;
  }

  async expectPublished(at: ArtifactStorage): Promise<void> {
    expect(await this.keys()).toEqual(['shop.sql', 'shop.sql.globals.sql', 'shop.sql.manifest.json']);
    await using artifact = await at.open('shop.sql');
    expect((await buffer(artifact.stream())).equals(this.content)).toBe(true);
    expect(await this.uploads()).toBe(0);
  }

  async expectEmpty(): Promise<void> {
    expect(await this.keys()).toEqual([]);
    expect(await this.uploads()).toBe(0);
  }
}
