import { Controller, Get, Redirect } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { DOCS_PATH } from './open-api.js';

/** Until there is a dashboard, people who open the service in a browser find its documentation. */
@ApiExcludeController()
@Controller()
export class RootController {
  @Get()
  @Redirect(`/${DOCS_PATH}`, 302)
  root(): void {
    // The decorator is all.
  }
}
