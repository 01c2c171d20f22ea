import { ApiProperty } from '@nestjs/swagger';

export function WarningsProperty(): PropertyDecorator {
  return ApiProperty({
    type: [String],
    required: false,
    description: 'The databases without a schedule. Absent when every database has one.',
    example: ['No backup of "shop on localhost" is scheduled: the scheduler is stopped.'],
  });
}
