import { Button, SimpleGrid } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { $api } from '../../api/client.js';
import { ErrorAlert } from '../../ui/error-alert.js';
import { Loaded } from '../../ui/loaded.js';
import { Panel } from '../../ui/panel.js';
import { ToolCard } from './tool-card.js';
import { TOOLS } from './tool-words.js';

/** The programs of the databases that do the work: which are there, and which are used. */
export function ToolsPanel() {
  const config = $api.useQuery('get', '/api/config');
  // Changes nothing, and is a POST by the specification.
  const found = $api.useQuery('post', '/api/tools/detect');
  return (
    <Panel
      title="Tools"
      description="Backups and restores are made by the databases’ own programs. Of several versions that were found, each backup takes the one that suits its server."
      actions={
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconRefresh size={16} aria-hidden />}
          loading={found.isFetching}
          onClick={() => void found.refetch()}
        >
          Detect again
        </Button>
      }
    >
      {found.data !== undefined && found.error !== null && <ErrorAlert error={found.error} />}
      <Loaded query={config} lines={6}>
        {({ config: set }) => (
          <Loaded query={found} lines={6}>
            {({ details }) => (
              <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
                {TOOLS.map((tool) => (
                  <ToolCard
                    key={tool.key}
                    tool={tool}
                    path={set[tool.key]}
                    found={details.find(({ key }) => key === tool.key)}
                  />
                ))}
              </SimpleGrid>
            )}
          </Loaded>
        )}
      </Loaded>
    </Panel>
  );
}
