import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { ServeStaticModule } from '@nestjs/serve-static';
import type { Response } from 'express';

/** What the API and the build's files answer for themselves; any other path is a page of the dashboard. */
const NOT_PAGES = ['/api', '/api/{*rest}', '/assets/{*rest}'];
const A_YEAR = 'public, max-age=31536000, immutable';

/** The web interface at `/`: its files, and its one page under every address that is not somebody else's. */
@Module({})
export class DashboardModule {
  /** `folder`: where the dashboard was built to. Without one, or with one that is not built, there is none. */
  static register(folder: string | undefined): DynamicModule {
    if (folder === undefined || !existsSync(join(folder, 'index.html'))) return { module: DashboardModule };
    return {
      module: DashboardModule,
      imports: [
        ServeStaticModule.forRoot({
          rootPath: folder,
          exclude: NOT_PAGES,
          serveStaticOptions: { setHeaders: cacheRules },
        }),
      ],
    };
  }
}

/** Names of assets hold a hash of their content; every other file is asked for anew each time. */
function cacheRules(response: Response, path: string): void {
  response.setHeader('Cache-Control', /[\\/]assets[\\/]/.test(path) ? A_YEAR : 'no-cache');
}
