import { Controller, Get } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { DomainError } from '@app/domain';

/** Stands in where the dashboard was not built. */
@ApiExcludeController()
@Controller()
export class NoDashboardController {
  @Get()
  explain(): never {
    throw new DomainError('NOT_FOUND', 'This service runs without its dashboard, which was not built.', {
      hint: '`npm run build` builds it, for the next start. The API is here, and described at /api/docs.',
    });
  }
}
