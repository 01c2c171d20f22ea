import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { JobRecord } from '@app/catalog';
import type { ErrorCode } from '@app/domain';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { IdParams } from '../http/requests/id-params.js';
import {
  JobCancelledResponse,
  JobDetails,
  JobEntry,
  JobListQuery,
  jobQueryOf,
  JobResponse,
  JobsResponse,
} from './job.dto.js';
import { JobsService } from './jobs.service.js';

const NOT_FOUND: Partial<Record<ErrorCode, string>> = {
  JOB_NOT_FOUND: 'There is no job 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52.',
};

@ApiTags('Jobs')
@Controller('api')
export class JobsController {
  constructor(private readonly jobs: JobsService) {}

  @Get('jobs')
  @ApiAnswer({ summary: 'List the jobs, newest first', type: JobsResponse })
  async list(@Query() query: JobListQuery): Promise<JobsResponse> {
    const { rows, next } = await this.jobs.page(jobQueryOf(query));
    return { success: true, jobs: rows.map((row) => JobEntry.of(row)), next: next ?? null };
  }

  @Get('jobs/:id')
  @ApiAnswer({ summary: 'One job as it is now, with its log', type: JobResponse, errors: NOT_FOUND })
  async details(@Param() { id }: IdParams): Promise<JobResponse> {
    return { success: true, job: JobDetails.of(await this.jobs.get(id)) };
  }

  @Post('jobs/:id/cancel')
  @ApiAnswer({
    summary: 'Cancel a job',
    description:
      'A waiting job is cancelled at once. The programs of a running job are ended, and what it has begun is undone. ' +
      'Answers when it has ended, or after 10 seconds with its present state.',
    type: JobCancelledResponse,
    errors: { ...NOT_FOUND, JOB_FINISHED: 'The job has ended already: it succeeded.' },
  })
  async cancel(@Param() { id }: IdParams): Promise<JobCancelledResponse> {
    const job = await this.jobs.cancel(id);
    return { success: true, message: messageOfCancel(job), job: JobDetails.of(job) };
  }
}

/** Describes the end of a job, which may end by itself at the moment when it is told to stop. */
function messageOfCancel({ state, finishedAt }: Pick<JobRecord, 'state' | 'finishedAt'>): string {
  if (state === 'cancelled') return 'Job cancelled.';
  if (finishedAt === null) return 'The job was told to stop, and still cleans up.';
  return `The job ended before it could be cancelled: it ${state === 'succeeded' || state === 'failed' ? state : `was ${state}`}.`;
}
