import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, getSchemaPath, SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { ErrorCode } from '@app/domain';
import { ErrorResponse } from './error-response.dto.js';

type Refusal = NonNullable<OpenAPIObject['paths'][string]['get']>['responses'][string];

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
  const document = SwaggerModule.createDocument(app, config);
  for (const path of Object.values(document.paths)) {
    for (const operation of [path.post, path.put, path.patch, path.delete]) {
      for (const [status, refusal] of Object.entries(REFUSED_BODIES)) {
        if (operation !== undefined) operation.responses[status] ??= refusal;
      }
    }
  }
  return document;
}

/** The errors of every call that may have a body, since the body is read first. */
const REFUSED_BODIES = {
  413: refusedBody('BODY_TOO_LARGE', 'The request body is larger than 1 MB.'),
  415: refusedBody('INVALID_INPUT', 'The request body must be JSON, in UTF-8 and not compressed.'),
};

function refusedBody(code: ErrorCode, message: string): Refusal {
  const examples = { [code]: { value: { success: false, message, code } } };
  const schema = { $ref: getSchemaPath(ErrorResponse) };
  return { description: code, content: { 'application/json': { schema, examples } } };
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
