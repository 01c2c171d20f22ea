import { matchesPattern } from './mysql-grants.js';
import type { Grant } from './mysql-grants.js';

/** Privileges that say nothing about what is in databases. MySQL 8 adds to them under names of its own, with underscores. */
const SERVER_ONLY =
  /_|^(USAGE|SHOW DATABASES|CREATE USER|CREATE ROLE|DROP ROLE|CREATE TABLESPACE|PROCESS|RELOAD|SHUTDOWN|FILE|SUPER|PROXY|SET USER|GRANT OPTION|(FEDERATED|CONNECTION|READ ONLY|REPLICATION|BINLOG|SLAVE) .*)$/;

/**
 * Which of several grants on database patterns decides. Servers do not unite them: they use one for each account or role.
 * - `literals`: the one with the most characters that are no wildcards (MariaDB).
 * - `first wildcard`: the one whose first wildcard comes last (MySQL).
 * - `order`: MySQL with active roles puts the grants of all of them into one list, in the order of their bytes. MySQL 9.7 uses
 *   the first that matches; 8.0 unites those that match, which is never less.
 */
export type PatternRule = 'literals' | 'first wildcard' | 'order';

export interface GrantRules {
  patterns: PatternRule;
  /** MySQL's `partial_revokes`: names in grants have no wildcards. */
  literalNames: boolean;
  /** The server does not tell names apart by their case. */
  foldsNames?: boolean;
}

/** The privileges of an account: those that SHOW GRANTS lists, read as the server reads them. */
export class Privileges {
  constructor(
    private readonly grants: readonly Grant[],
    private readonly rules: GrantRules,
  ) {}

  global(name: string): boolean {
    return this.grants.some((grant) => grant.scope.level === 'global' && includes(grant, name));
  }

  /** On every object of the database. */
  onDatabase(name: string, database: string): boolean {
    const revoked = this.grants.some(
      (grant) => grant.revoked === true && this.isOn(grant, database) && includes(grant, name),
    );
    return (
      (this.global(name) && !revoked) ||
      this.deciding(database).some((equals) => equals.every((grant) => includes(grant, name)))
    );
  }

  /** Whether the database may be used at all: for something in it, or for a part of that. */
  anyIn(database: string): boolean {
    return this.grants.some((grant) => {
      const { scope, privileges, revoked } = grant;
      if (revoked === true) return false;
      if (scope.level === 'object') return this.folded(scope.database) === this.folded(database);
      if (scope.level === 'global') return privileges.some((name) => !SERVER_ONLY.test(name));
      return this.isOn(grant, database) && privileges.some((name) => name !== 'USAGE');
    });
  }

  onObject(name: string, database: string, object: string): boolean {
    return (
      this.onDatabase(name, database) ||
      this.grants.some(
        ({ scope, ...grant }) =>
          scope.level === 'object' &&
          this.folded(scope.database) === this.folded(database) &&
          this.folded(scope.name) === this.folded(object) &&
          includes(grant, name),
      )
    );
  }

  /**
   * The pattern in the grant that decides what the account itself may do in the database; undefined where no grant does. Another
   * grant for the database alone would decide instead, and take away what this one gives.
   */
  decidingPattern(database: string, grantee: string): string | undefined {
    const own = this.rules.patterns === 'order' ? this.deciding(database) : [this.decidingOf(database, grantee)];
    const scope = own[0]?.[0]?.scope;
    return scope?.level === 'database' ? scope.pattern : undefined;
  }

  /** For each account or role the grants of which one decides; several where it is not known which. */
  private deciding(database: string): Grant[][] {
    const grantees = this.rules.patterns === 'order' ? [undefined] : new Set(this.grants.map(({ grantee }) => grantee));
    return [...grantees].map((grantee) => this.decidingOf(database, grantee)).filter((equals) => equals.length > 0);
  }

  private decidingOf(database: string, grantee: string | undefined): Grant[] {
    const matching = this.grants.filter(
      (grant) => grant.revoked !== true && (grantee ?? grant.grantee) === grant.grantee && this.isOn(grant, database),
    );
    const isBefore = BEFORE[this.rules.patterns];
    return matching.filter((grant) => !matching.some((other) => isBefore(patternOf(other), patternOf(grant))));
  }

  private isOn({ scope }: Grant, database: string): boolean {
    if (scope.level !== 'database') return false;
    const [pattern, name] = [this.folded(scope.pattern), this.folded(database)];
    if (!this.rules.literalNames) return matchesPattern(pattern, name);
    return pattern === name || (this.rules.patterns !== 'order' && unescaped(pattern) === name);
  }

  private folded(name: string): string {
    return this.rules.foldsNames === true ? name.toLowerCase() : name;
  }
}

function patternOf({ scope }: Grant): string {
  return scope.level === 'database' ? scope.pattern : '';
}

function unescaped(pattern: string): string {
  return pattern.replace(/\\([\\%_])/g, '$1');
}

/** Whether it is certain that the server uses `a` where both patterns match. */
const BEFORE: Readonly<Record<PatternRule, (a: string, b: string) => boolean>> = {
  literals: (a, b) => {
    const [one, other] = [sizeOf(a), sizeOf(b)];
    return (
      one.literals >= other.literals &&
      one.shortest >= other.shortest &&
      (one.literals > other.literals || one.shortest > other.shortest)
    );
  },
  'first wildcard': (a, b) => firstWildcard(a) > firstWildcard(b),
  order: (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0,
};

const PARTS = /\\[\\%_]|[^]/gu;

/** `literals`: characters that are no wildcards. `shortest`: of the names that match the shortest has as many. */
function sizeOf(pattern: string): { literals: number; shortest: number } {
  const parts = pattern.match(PARTS) ?? [];
  const many = parts.filter((part) => part === '%').length;
  return { literals: parts.filter((part) => part !== '%' && part !== '_').length, shortest: parts.length - many };
}

function firstWildcard(pattern: string): number {
  let place = 0;
  for (const part of pattern.match(PARTS) ?? []) {
    if (part === '%' || part === '_') return place;
    place += part.length;
  }
  return Infinity;
}

function includes(grant: Pick<Grant, 'privileges'>, name: string): boolean {
  if (grant.privileges.includes(name)) return true;
  return name !== 'GRANT OPTION' && (grant.privileges.includes('ALL PRIVILEGES') || grant.privileges.includes('ALL'));
}
