import { Anchor, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { Schemas } from '../../api/client.js';
import { resultOf } from './job-results.js';

/** Shows the result of a job that is over, with the way to it, or why there is none. */
export function ResultWords({ job }: { job: Schemas['JobEntry'] }) {
  const { error } = job;
  if (error !== null) {
    return (
      <>
        <Text size="sm" className="break">
          {error.message}
        </Text>
        {error.hint !== null && (
          <Text size="xs" c="dimmed" className="break">
            {error.hint}
          </Text>
        )}
      </>
    );
  }
  const result = job.state === 'succeeded' ? resultOf(job) : undefined;
  if (result === undefined) return <Text size="sm">–</Text>;
  return (
    <>
      <Text size="sm" className="break">
        {result.words}
      </Text>
      {result.link !== undefined && (
        <Anchor component={Link} to={result.link.to} size="sm" className="break">
          {result.link.label}
        </Anchor>
      )}
    </>
  );
}
