import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { AppConfig } from '@app/config';
import type { Clock, ErrorCode } from '@app/domain';
import { APP_CONFIG, CLOCK } from '../foundation/tokens.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { IdParams } from '../http/requests/id-params.js';
import { pageOf } from '../http/requests/page-query.js';
import { retentionPolicyOf } from '../http/requests/retention-policy.dto.js';
import { JobEntry } from '../jobs/job.dto.js';
import {
  PlannedRunEntry,
  ScheduleChangeRequest,
  ScheduleCreateRequest,
  ScheduleDeletedResponse,
  ScheduleEntry,
  ScheduleListQuery,
  scheduleOptionsOf,
  SchedulePreviewRequest,
  SchedulePreviewResponse,
  ScheduleResponse,
  ScheduleRunResponse,
  ScheduleSavedResponse,
  SchedulesResponse,
} from './schedule.dto.js';
import { describeSchedule, plannedRuns } from './schedule-plan.js';
import { ScheduleCoverage } from './schedule-coverage.service.js';
import { SchedulesService } from './schedules.service.js';
import type { ScheduleEdit } from './schedules.service.js';

const NOT_FOUND: Partial<Record<ErrorCode, string>> = {
  SCHEDULE_NOT_FOUND: 'There is no schedule 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52.',
};
const REFUSED: Partial<Record<ErrorCode, string>> = {
  INVALID_INPUT: 'cron is not a cron expression that ever comes due; timezone is not a time zone.',
  INVALID_PATH: 'options.location leads outside the backup folders.',
  CONNECTION_NOT_FOUND: 'There is no connection 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52.',
  WRONG_ENGINE: 'Backups of MySQL cannot be restored into "mydb", which is PostgreSQL.',
};

@ApiTags('Schedules')
@Controller('api/schedules')
export class SchedulesController {
  constructor(
    private readonly schedules: SchedulesService,
    private readonly coverage: ScheduleCoverage,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiAnswer({ summary: 'List the schedules, by page', type: SchedulesResponse })
  async list(@Query() query: ScheduleListQuery): Promise<SchedulesResponse> {
    const { connection_id: connectionId } = query;
    const { views, next } = await this.schedules.page({
      ...pageOf(query),
      ...(connectionId === undefined ? {} : { connectionId }),
    });
    return {
      success: true,
      schedules: views.map((view) => ScheduleEntry.of(view)),
      next: next ?? null,
      ...(await this.coverage.warnings()),
    };
  }

  @Post()
  @ApiAnswer({ summary: 'Add a schedule', type: ScheduleSavedResponse, errors: REFUSED })
  async create(@Body() request: ScheduleCreateRequest): Promise<ScheduleSavedResponse> {
    const { connection_id: connectionId, cron } = request;
    const view = await this.schedules.create({ ...editOf(request), connectionId, cron });
    return {
      success: true,
      message: 'Schedule created.',
      schedule: ScheduleEntry.of(view),
      ...(await this.coverage.warnings()),
    };
  }

  @Post('preview')
  @ApiAnswer({
    summary: 'Tell when a schedule would be due, without adding it',
    type: SchedulePreviewResponse,
    errors: { INVALID_INPUT: 'cron is not a cron expression that ever comes due.' },
  })
  preview(@Body() { cron, timezone = this.config.schedule.timezone }: SchedulePreviewRequest): SchedulePreviewResponse {
    const runs = plannedRuns({ cron, timezone }, this.clock.now());
    return {
      success: true,
      description: describeSchedule({ cron, timezone }),
      next_runs: runs.map((run) => PlannedRunEntry.of(run)),
    };
  }

  @Get(':id')
  @ApiAnswer({ summary: 'One schedule', type: ScheduleResponse, errors: NOT_FOUND })
  async get(@Param() { id }: IdParams): Promise<ScheduleResponse> {
    return { success: true, schedule: ScheduleEntry.of(await this.schedules.get(id)) };
  }

  @Patch(':id')
  @ApiAnswer({
    summary: 'Change, pause or resume a schedule',
    description: 'Runs that fell into a pause are not made up. Another time or zone counts from now on.',
    type: ScheduleSavedResponse,
    errors: {
      ...NOT_FOUND,
      ...REFUSED,
      NOT_CONNECTED: 'No database is connected.',
      UNSUPPORTED: 'When the default schedule is due, and what it backs up, is set elsewhere.',
    },
  })
  async change(@Param() { id }: IdParams, @Body() request: ScheduleChangeRequest): Promise<ScheduleSavedResponse> {
    const view = await this.schedules.change(id, editOf(request));
    return {
      success: true,
      message: 'Schedule saved.',
      schedule: ScheduleEntry.of(view),
      ...(await this.coverage.warnings()),
    };
  }

  @Delete(':id')
  @ApiAnswer({
    summary: 'Delete a schedule',
    description: 'Its backups stay. Afterwards only a retention that is applied by hand removes them.',
    type: ScheduleDeletedResponse,
    errors: { ...NOT_FOUND, UNSUPPORTED: 'The default schedule cannot be deleted.' },
  })
  async remove(@Param() { id }: IdParams): Promise<ScheduleDeletedResponse> {
    const { action } = await this.schedules.remove(id);
    const message = action === 'backup' ? 'Schedule deleted. Its backups stay.' : 'Schedule deleted.';
    return { success: true, message, ...(await this.coverage.warnings()) };
  }

  @Post(':id/run')
  @ApiAnswer({
    summary: 'Run a schedule now',
    description: 'Answers at once with the job. A paused schedule runs, too.',
    type: ScheduleRunResponse,
    errors: { ...NOT_FOUND, NOT_CONNECTED: 'No database is connected.' },
  })
  async run(@Param() { id }: IdParams): Promise<ScheduleRunResponse> {
    const job = await this.schedules.run(id);
    return { success: true, message: 'Schedule started.', job: JobEntry.of(job) };
  }
}

function editOf(request: ScheduleChangeRequest): ScheduleEdit {
  const { options, retention } = request;
  return {
    name: request.name,
    connectionId: request.connection_id,
    action: request.action,
    sourceConnectionId: request.source_connection_id,
    cron: request.cron,
    timezone: request.timezone,
    enabled: request.enabled,
    options: options === undefined ? undefined : scheduleOptionsOf(options),
    retention: retention === undefined || retention === null ? retention : retentionPolicyOf(retention),
    jitterSeconds: request.jitter_seconds,
  };
}
