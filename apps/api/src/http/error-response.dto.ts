import { ApiProperty } from '@nestjs/swagger';

export class FieldError {
  @ApiProperty({ description: 'The field as it was sent.', example: 'port' })
  field!: string;

  @ApiProperty({ example: 'must be a number from 1 to 65535' })
  message!: string;
}

/** The answer of every failed call. */
export class ErrorResponse {
  @ApiProperty({ enum: [false] })
  success!: false;

  @ApiProperty({ description: 'What happened, in a sentence for people.' })
  message!: string;

  @ApiProperty({ description: 'What happened, for programs. Codes keep their meaning.', example: 'INVALID_INPUT' })
  code!: string;

  @ApiProperty({ description: 'What to do next.', required: false })
  hint?: string;

  @ApiProperty({ description: 'All invalid fields of the request.', type: () => [FieldError], required: false })
  errors?: FieldError[];
}
