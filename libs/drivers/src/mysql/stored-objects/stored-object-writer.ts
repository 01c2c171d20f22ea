import { serverRefusal } from '../login/mysql-errors.js';
import { quotedName } from '../login/mysql-account.js';
import { SESSION_SETUP } from '../login/mysql-session.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { ROUTINE_KINDS, isRoutine, storedObjectKey, sameStoredObject } from './stored-object.js';
import type { StoredObject } from './stored-object.js';
import { triggerHead, triggerOn } from '../script/stored-object-text.js';

/** Makes and drops the stored objects of one schema, which the session must be in (`USE`). */
export class StoredObjectWriter {
  /** The settings that the session has now; undefined while it has its own. */
  private settings: string | undefined;
  private collationNow: string;

  constructor(
    private readonly session: MysqlSession,
    private readonly database: string,
    /** The schema's collation, to come back to after a stored object that was made under another one. */
    private readonly collation: string,
    /** MariaDB replaces routines without taking away what was granted on them. */
    private readonly mariadb: boolean,
  ) {
    this.collationNow = collation;
  }

  /** Drops what is not wanted or not as wanted, and makes what is missing. `now`: what is there. */
  async replaceRoutines(now: readonly StoredObject[], wanted: readonly StoredObject[]): Promise<void> {
    const goal = wanted.filter(isRoutine);
    const { obsolete, missing } = difference(now.filter(isRoutine), goal);
    // A package that is made anew has lost its body.
    const renewed = new Set(missing.filter(({ kind }) => kind === 'PACKAGE').map(({ name }) => name));
    missing.push(
      ...goal.filter(
        (object) => object.kind === 'PACKAGE BODY' && renewed.has(object.name) && !missing.includes(object),
      ),
    );
    const replaced = new Set(this.mariadb ? missing.map(storedObjectKey) : []);
    for (const kind of ROUTINE_KINDS.toReversed()) {
      for (const object of obsolete) {
        if (object.kind === kind && !replaced.has(storedObjectKey(object))) await this.drop(object);
      }
    }
    for (const kind of ROUTINE_KINDS) {
      for (const object of missing) if (object.kind === kind) await this.create(object);
    }
  }

  async dropObsolete(
    kind: 'EVENT' | 'VIEW',
    now: readonly StoredObject[],
    wanted: readonly StoredObject[],
  ): Promise<void> {
    const ofKind = (object: StoredObject): boolean => object.kind === kind;
    for (const object of difference(now.filter(ofKind), wanted.filter(ofKind)).obsolete) await this.drop(object);
  }

  async createEvents(now: readonly StoredObject[], wanted: readonly StoredObject[]): Promise<void> {
    const ofKind = ({ kind }: StoredObject): boolean => kind === 'EVENT';
    for (const object of difference(now.filter(ofKind), wanted.filter(ofKind)).missing) await this.create(object);
  }

  /**
   * Views stand on one another in an order that nobody tells: what fails is tried again after the others. Returns those
   * that cannot be made, and were broken before.
   */
  async createViews(now: readonly StoredObject[], wanted: readonly StoredObject[]): Promise<StoredObject[]> {
    const ofKind = ({ kind }: StoredObject): boolean => kind === 'VIEW';
    let left = difference(now.filter(ofKind), wanted.filter(ofKind)).missing;
    while (left.length > 0) {
      const failed: StoredObject[] = [];
      let failure: unknown;
      for (const view of left) {
        try {
          await this.create(view);
        } catch (error) {
          if (serverRefusal(error) === undefined) throw error;
          failed.push(view);
          failure ??= error;
        }
      }
      if (failed.length === left.length) {
        if (failed.every(({ broken }) => broken === true)) return failed;
        throw failure;
      }
      left = failed;
    }
    return [];
  }

  /** Replaces a view that is there. */
  async replaceView(view: StoredObject): Promise<void> {
    const text = Buffer.concat([Buffer.from('CREATE OR REPLACE '), view.text.subarray('CREATE '.length)]);
    await this.create({ ...view, text });
  }

  /** Makes each trigger on the table that is given with it, whatever that is called in the text; `before` is called before each. */
  async createTriggers(
    orders: readonly { trigger: StoredObject; table: string }[],
    before: (trigger: StoredObject) => Promise<void>,
  ): Promise<void> {
    try {
      for (const { trigger, table } of orders) {
        const statement = trigger.text.toString('latin1');
        const head = triggerHead(statement);
        if (head === undefined) throw new Error(`The text of the trigger ${trigger.name} is not understood.`);
        await before(trigger);
        await this.createUnderItsSettings({
          ...trigger,
          text: Buffer.from(triggerOn(statement, head, quotedName(table)), 'latin1'),
        });
      }
    } finally {
      await this.resetSettings();
    }
  }

  async drop({ kind, name }: Pick<StoredObject, 'kind' | 'name'>): Promise<void> {
    const packaged = kind === 'PACKAGE' || kind === 'PACKAGE BODY';
    // MariaDB knows the word in this mode only.
    if (packaged) await this.session.run(`SET SESSION sql_mode = 'ORACLE'`);
    await this.session.run(`DROP ${kind} IF EXISTS ${quotedName(name)}`);
    if (packaged) await this.session.run(SESSION_SETUP);
  }

  private async create(object: StoredObject): Promise<void> {
    try {
      await this.createUnderItsSettings(object);
    } finally {
      await this.resetSettings();
    }
  }

  /** The settings are made once for many objects that were made alike: each costs a way to the server and back. */
  private async createUnderItsSettings(object: StoredObject): Promise<void> {
    const { session } = this;
    const { kind, sqlMode, characterSet, collation, databaseCollation, timeZone } = object;
    await this.alterCollation(databaseCollation === '' ? this.collation : databaseCollation);
    const settings = [
      kind === 'VIEW' ? 'NO_AUTO_VALUE_ON_ZERO' : sqlMode,
      timeZone === '' ? 'SYSTEM' : timeZone,
      characterSet,
      collation,
    ];
    if (settings.join('\n') !== this.settings) {
      this.settings = '';
      await session.run('SET SESSION sql_mode = ?, time_zone = ?', settings.slice(0, 2));
      await session.run('SET SESSION character_set_client = ?, collation_connection = ?', settings.slice(2));
      this.settings = settings.join('\n');
    }
    await session.runBytes(this.statement(object));
  }

  private async resetSettings(): Promise<void> {
    if (this.settings !== undefined) {
      this.settings = undefined;
      await this.session.run('SET NAMES utf8mb4').catch(() => undefined);
      await this.session.run(SESSION_SETUP).catch(() => undefined);
    }
    await this.alterCollation(this.collation);
  }

  private async alterCollation(to: string): Promise<void> {
    if (to === this.collationNow) return;
    await this.session.run(
      `ALTER DATABASE ${quotedName(this.database)} CHARACTER SET ${characterSetOf(to)} COLLATE ${to}`,
    );
    this.collationNow = to;
  }

  private statement({ kind, text }: StoredObject): Buffer {
    const replaces = this.mariadb && kind !== 'VIEW' && kind !== 'TRIGGER' && kind !== 'EVENT';
    return replaces ? Buffer.concat([Buffer.from('CREATE OR REPLACE '), text.subarray('CREATE '.length)]) : text;
  }
}

/** `latin1_german1_ci` is one of `latin1`. */
function characterSetOf(collation: string): string {
  return collation.split('_')[0] ?? collation;
}

export function difference(
  now: readonly StoredObject[],
  wanted: readonly StoredObject[],
): { obsolete: StoredObject[]; missing: StoredObject[] } {
  const there = new Map(now.map((object) => [storedObjectKey(object), object]));
  const goal = new Map(wanted.map((object) => [storedObjectKey(object), object]));
  const differs = (one: StoredObject, other: StoredObject | undefined): boolean =>
    other === undefined || !sameStoredObject(one, other);
  return {
    obsolete: now.filter((object) => differs(object, goal.get(storedObjectKey(object)))),
    missing: wanted.filter((object) => differs(object, there.get(storedObjectKey(object)))),
  };
}
