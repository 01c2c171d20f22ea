import { readFile, writeFile } from 'node:fs/promises';
import type { Manifest } from '@app/domain';
import { SigningKeys } from '@app/security';
import { MANIFEST_SUFFIX } from '@app/storage';
import { MANIFEST_PURPOSE, ManifestSigner } from '../manifest/manifest-signer.js';

export const testSecretKey = Buffer.alloc(32, 7);
/** The signer of the installation under test. */
export const testSigner = new ManifestSigner(new SigningKeys(testSecretKey, MANIFEST_PURPOSE));

/** Changes and signs a manifest as the service itself would. */
export async function amendManifest(artifactPath: string, change: Partial<Manifest>): Promise<void> {
  const path = artifactPath + MANIFEST_SUFFIX;
  const manifest = JSON.parse(await readFile(path, 'utf8')) as Manifest;
  await writeFile(path, testSigner.textOf({ ...manifest, ...change }));
}
