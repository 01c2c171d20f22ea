import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { TOOL_KEYS } from '@app/domain';
import type { DbType, SslMode } from '@app/domain';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { ConfigRequest, ConfigResponse, ConfigSavedResponse, ToolsResponse } from './config.dto.js';
import { ConfigService } from './config.service.js';

@ApiTags('Configuration')
@Controller('api')
export class ConfigController {
  constructor(private readonly config: ConfigService) {}

  @Get('config')
  @ApiAnswer({ summary: 'Get current configuration', type: ConfigResponse })
  async read(): Promise<ConfigResponse> {
    const { connection, tools, passwordFault } = await this.config.read();
    return {
      success: true,
      config: {
        host: connection.host ?? '',
        port: connection.port?.toString() ?? '',
        database: connection.database ?? '',
        username: connection.username ?? '',
        db_type: connection.dbType ?? '',
        pg_dump_path: tools.pg_dump_path ?? '',
        pg_restore_path: tools.pg_restore_path ?? '',
        mysqldump_path: tools.mysqldump_path ?? '',
        mysql_path: tools.mysql_path ?? '',
        ssl_mode: connection.sslMode ?? 'prefer',
        password_set: connection.password !== undefined || passwordFault !== undefined,
      },
    };
  }

  @Post('config')
  @ApiAnswer({
    summary: 'Save configuration',
    description: 'The active connection stays as it is until the next connect or restart. Tools are run once to check.',
    type: ConfigSavedResponse,
    errors: { TOOL_UNUSABLE: '/opt/pg_dump cannot be run.' },
  })
  async save(@Body() request: ConfigRequest): Promise<ConfigSavedResponse> {
    const { db_type, ssl_mode, host, port, database, username, password, ...tools } = request;
    const { activeConnectionDiffers } = await this.config.save({
      connection: {
        dbType: db_type as DbType | '' | undefined,
        sslMode: ssl_mode as SslMode | '' | undefined,
        host,
        port,
        database,
        username,
        password,
      },
      tools,
    });
    const note = 'The active connection stays as it is until the next connect or restart.';
    return {
      success: true,
      message: 'Configuration saved successfully',
      ...(activeConnectionDiffers ? { note } : {}),
    };
  }

  @Post('tools/detect')
  @ApiAnswer({
    summary: 'Auto-detect database tools',
    description: 'Looks in PATH and in the usual places of the system, and changes nothing.',
    type: ToolsResponse,
  })
  async detect(): Promise<ToolsResponse> {
    const found = await this.config.detectTools();
    const pathOf = (key: string): string => found.find((tool) => tool.key === key)?.best?.path ?? '';
    const [pg_dump_path, pg_restore_path, mysqldump_path, mysql_path] = [...TOOL_KEYS].map(pathOf) as [
      string,
      string,
      string,
      string,
    ];
    return {
      success: true,
      tools: { pg_dump_path, pg_restore_path, mysqldump_path, mysql_path },
      details: found.map(({ key, best, all }) => ({
        key,
        version: best?.version ?? null,
        flavour: best?.flavour ?? null,
        all: all.map(({ path, version, flavour }) => ({ path, version, flavour })),
      })),
    };
  }
}
