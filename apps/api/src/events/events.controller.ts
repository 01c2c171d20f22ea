import { Controller, Get, Headers, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { EventResponse, EventsQuery } from './events.dto.js';
import { EventsService } from './events.service.js';

@ApiTags('Events')
@Controller('api/events')
export class EventsController {
  constructor(private readonly events: EventsService) {}

  @Get()
  @ApiAnswer({
    summary: 'Watch changes as server-sent events',
    description:
      'The answer does not end. It has an event for each change of a job, backup, connection, schedule or of the status. A ' +
      'client that reconnects with the id of its last event gets what it missed, or `reset` if that is not kept any more.',
    type: EventResponse,
    errors: { SHUTTING_DOWN: 'The service is shutting down.' },
  })
  @ApiProduces('text/event-stream')
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    schema: { type: 'string' },
    description: 'The last event that the client has seen.',
  })
  watch(
    @Req() request: Request,
    @Res() response: Response,
    @Query() query: EventsQuery,
    @Headers('last-event-id') lastId: string | undefined,
  ): void {
    if (request.method === 'HEAD') {
      response.status(200).type('text/event-stream').setHeader('Cache-Control', 'no-store').end();
      return;
    }
    // The header is newer than the id with which the page began.
    this.events.watch(response, lastId ?? query.last_event_id);
  }
}
