import { ApiProperty } from '@nestjs/swagger';

export class LiveResponse {
  @ApiProperty({ enum: [true] })
  success!: true;

  @ApiProperty({ enum: ['alive'] })
  status!: 'alive';
}

export class ReadyResponse {
  @ApiProperty({ example: true })
  success!: boolean;

  @ApiProperty({ enum: ['ready', 'not ready', 'shutting down'] })
  status!: 'ready' | 'not ready' | 'shutting down';

  @ApiProperty({
    example: { backup_folder: 'ok', data_folder: 'ok' },
    description:
      '`ok`, or what is wrong. `catalog` is among them when it fails; `other_folders` (those of BACKUP_ALLOWED_DIRS) and `secrets` when something is wrong with them, which leaves the service ready.',
  })
  checks!: {
    backup_folder: string;
    data_folder: string;
    catalog?: string;
    other_folders?: string;
    secrets?: string;
  };
}
