import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import type { DynamicModule, MiddlewareConsumer, NestModule } from '@nestjs/common';
import { ServeStaticModule } from '@nestjs/serve-static';
import compression from 'compression';
import type { Response } from 'express';
import { NoDashboardController } from './no-dashboard.controller.js';

/** The paths that the API and the build's files answer for themselves; any other path is a page of the dashboard. */
const API_PATHS = ['/api', '/api/{*rest}'];
const NOT_PAGES = [...API_PATHS, '/assets/{*rest}'];
const A_YEAR = 'public, max-age=31536000, immutable';

/** The web interface at `/`: its files, and its one page under every address that is not somebody else's. */
@Module({})
export class DashboardModule implements NestModule {
  /** `folder`: where the dashboard was built to. Without one, or with one that is not built, `/` says so. */
  static register(folder: string | undefined): DynamicModule {
    if (folder === undefined || !existsSync(join(folder, 'index.html'))) {
      return { module: DashboardModule, controllers: [NoDashboardController] };
    }
    return {
      module: DashboardModule,
      imports: [
        ServeStaticModule.forRoot({
          rootPath: folder,
          exclude: NOT_PAGES,
          // A range of a compressed file would be neither; nobody needs one of a script.
          serveStaticOptions: { setHeaders: cacheRules, redirect: false, acceptRanges: false },
        }),
      ],
    };
  }

  /** The files are the same for everybody, so that their sizes tell no secret. Of the API nothing is compressed. */
  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply(compression())
      .exclude(...API_PATHS)
      .forRoutes('{*path}');
  }
}

/** Names of assets hold a hash of their content; every other file is asked for anew each time. */
function cacheRules(response: Response, path: string): void {
  response.setHeader('Cache-Control', /[\\/]assets[\\/]/.test(path) ? A_YEAR : 'no-cache');
}
