import type { SandboxOptions } from '@app/sandbox';
import { ask } from './api.js';
import { Target } from './target.js';
import type { EngineName } from './target.js';
import type { State } from './states.js';

/** A database under test, and what it must hold. */
export class Subject {
  readonly target: Target;
  connectionId = '';
  state: State = 'A';

  private constructor(target: Target) {
    this.target = target;
  }

  static async start(engine: EngineName, options: SandboxOptions = {}): Promise<Subject> {
    return new Subject(await Target.start(engine, options));
  }

  /** Makes the service know the database. `port`: of what stands between. */
  async connect(url: string, port = this.target.server.port): Promise<void> {
    const { dbType, host, database, username, password } = this.target.connection();
    const login = { db_type: dbType, host, port, database, username, password };
    const { connection } = await ask<{ connection: { id: string } }>(url, 'POST', '/api/connections', login);
    this.connectionId = connection.id;
  }
}
