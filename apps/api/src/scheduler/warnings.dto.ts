import { ApiProperty } from '@nestjs/swagger';

export function WarningsProperty(): PropertyDecorator {
  return ApiProperty({
    type: [String],
    required: false,
    description: 'What nobody backs up by itself. Absent when every database is scheduled.',
    example: ['No backup of "shop on localhost" is scheduled: the scheduler is stopped.'],
  });
}
