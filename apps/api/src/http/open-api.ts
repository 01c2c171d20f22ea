import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';

export const DOCS_PATH = 'api/docs';

export function openApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Database Backup Service')
    .setDescription(
      'Backs up PostgreSQL and MySQL/MariaDB databases and restores them. The calls act on the active connection, ' +
        'which POST /api/connect makes. Every answer has `success`; a failed call says what happened in `message`, ' +
        'for programs in `code`, and what to do next in `hint`.',
    )
    .setVersion('1')
    .addBasicAuth({ type: 'http', scheme: 'basic', description: 'User `admin`, where ADMIN_PASSWORD is set.' })
    .addSecurityRequirements('basic')
    .build();
  return SwaggerModule.createDocument(app, config);
}

/** The document at `/api/docs-json`, and a page to read and try it at `/api/docs`. */
export function serveOpenApi(app: INestApplication): void {
  SwaggerModule.setup(DOCS_PATH, app, () => openApiDocument(app), {
    raw: ['json'],
    customSiteTitle: 'Database Backup Service: API',
    // It would show the document to a server of its maker's, to be judged.
    swaggerOptions: { validatorUrl: null },
  });
}
