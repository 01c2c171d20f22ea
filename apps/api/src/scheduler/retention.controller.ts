import { Controller, Get, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { ErrorCode, RetentionPolicy } from '@app/domain';
import { ConnectionStore, RETENTION_JOB, retentionJob, RetentionService } from '@app/core';
import type { JobQueue, JobRequest } from '@app/jobs';
import { JobWaiter } from '../runtime/job-waiter.js';
import { JOB_QUEUE } from '../foundation/tokens.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { IdParams } from '../http/requests/id-params.js';
import { RetentionPolicyBody, retentionPolicyOf } from '../http/requests/retention-policy.dto.js';
import { accepted, RespondAsync } from '../jobs/respond-async.js';
import { RetentionAppliedResponse, RetentionPreviewResponse } from './retention.dto.js';
import { SchedulesService } from './schedules.service.js';

const CONNECTION_ERRORS: Partial<Record<ErrorCode, string>> = {
  CONNECTION_NOT_FOUND: 'There is no connection 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52.',
};
const SCHEDULE_ERRORS: Partial<Record<ErrorCode, string>> = {
  SCHEDULE_NOT_FOUND: 'There is no schedule 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52.',
  CONNECTION_NOT_FOUND: 'The schedule has no connection yet.',
};
const PREVIEW = 'Deletes nothing. With rules in the query: what they would keep in place of the ones in force.';
const APPLY = 'Deletes what the preview says. Otherwise this happens with each new backup only.';

/** Shows what retention would delete, and why; and applies it on request. */
@ApiTags('Retention')
@Controller('api')
export class RetentionController {
  constructor(
    private readonly retention: RetentionService,
    private readonly connections: ConnectionStore,
    private readonly schedules: SchedulesService,
    private readonly jobs: JobWaiter,
    @Inject(JOB_QUEUE) private readonly queue: JobQueue,
  ) {}

  @Get('connections/:id/retention/preview')
  @ApiAnswer({
    summary: 'Tell which backups of a connection its retention keeps',
    description: PREVIEW,
    type: RetentionPreviewResponse,
    errors: CONNECTION_ERRORS,
  })
  async ofConnection(
    @Param() { id }: IdParams,
    @Query() rules: RetentionPolicyBody,
  ): Promise<RetentionPreviewResponse> {
    return RetentionPreviewResponse.of(await this.retention.preview({ connectionId: id, ...triedOut(rules) }));
  }

  @Get('schedules/:id/retention/preview')
  @ApiAnswer({
    summary: 'Tell which backups of a schedule its retention keeps',
    description: PREVIEW,
    type: RetentionPreviewResponse,
    errors: SCHEDULE_ERRORS,
  })
  async ofSchedule(@Param() { id }: IdParams, @Query() rules: RetentionPolicyBody): Promise<RetentionPreviewResponse> {
    await this.schedules.connectionOf(id);
    return RetentionPreviewResponse.of(await this.retention.preview({ scheduleId: id, ...triedOut(rules) }));
  }

  @Post('connections/:id/retention/apply')
  @ApiAnswer({
    summary: 'Apply the retention of a connection now',
    description: APPLY,
    type: RetentionAppliedResponse,
    accepted: true,
    errors: CONNECTION_ERRORS,
  })
  async applyToConnection(
    @Param() { id }: IdParams,
    @RespondAsync() async: boolean,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RetentionAppliedResponse | object> {
    return this.apply(retentionJob(await this.connections.get(id)), async, response);
  }

  @Post('schedules/:id/retention/apply')
  @ApiAnswer({
    summary: 'Apply the retention of a schedule now',
    description: APPLY,
    type: RetentionAppliedResponse,
    accepted: true,
    errors: SCHEDULE_ERRORS,
  })
  async applyToSchedule(
    @Param() { id }: IdParams,
    @RespondAsync() async: boolean,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RetentionAppliedResponse | object> {
    const { record } = await this.schedules.get(id);
    const connection = await this.schedules.connectionOf(id);
    return this.apply(retentionJob(connection, record), async, response);
  }

  private async apply(
    request: JobRequest,
    async: boolean,
    response: Response,
  ): Promise<RetentionAppliedResponse | object> {
    const job = await this.queue.enqueue(request);
    if (async) return accepted(response, job);
    const outcome = RETENTION_JOB.resultOf(await this.jobs.resultOf(job));
    return RetentionAppliedResponse.of(outcome);
  }
}

function triedOut(rules: RetentionPolicyBody): { policy?: RetentionPolicy } {
  const policy = retentionPolicyOf(rules);
  return Object.keys(policy).length === 0 ? {} : { policy };
}
