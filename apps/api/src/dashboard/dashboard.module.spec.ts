import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { silentLogger } from '@app/domain';
import { ErrorFilter } from '../http/error.filter.js';
import { DashboardModule } from './dashboard.module.js';

describe('a service whose dashboard was not built', () => {
  let app: INestApplication;
  beforeAll(async () => {
    const module = await Test.createTestingModule({ imports: [DashboardModule.register('/no/such/folder')] }).compile();
    app = module.createNestApplication();
    app.useGlobalFilters(new ErrorFilter(silentLogger));
    await app.listen(0, '127.0.0.1');
  });
  afterAll(() => app.close());

  it('says so at its address, and how to build it', async () => {
    const answer = await fetch(await app.getUrl());
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({
      success: false,
      message: expect.stringContaining('dashboard, which was not built') as string,
      code: 'NOT_FOUND',
      hint: expect.stringContaining('npm run build') as string,
    });
  });
});
