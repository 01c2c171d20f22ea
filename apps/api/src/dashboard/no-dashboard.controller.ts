import { Controller, Get } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { DomainError } from '@app/domain';

/** Answers in place of a dashboard that was not built. */
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
