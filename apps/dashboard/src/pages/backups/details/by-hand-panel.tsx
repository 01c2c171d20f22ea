import { Code } from '@mantine/core';
import type { Schemas } from '../../../api/client.js';
import { CopyTextButton } from '../../../ui/copy-text-button.js';
import { Panel } from '../../../ui/panel.js';
import { folderOf } from '../backup-words.js';
import type { Backup } from '../backup-words.js';
import classes from './by-hand-panel.module.css';
import { commandsByHand } from './by-hand.js';

/** Nothing locks anybody in: how to restore this very file without the service. */
export function ByHandPanel({ backup, manifest }: { backup: Backup; manifest: Schemas['ManifestEntry'] | null }) {
  const commands = commandsByHand(backup, manifest);
  if (commands.length === 0) return null;
  const text = commands.join('\n');
  return (
    <Panel
      title="By hand, without this service"
      description={
        <>
          In the folder <span className="break">{folderOf(backup.path)}</span>, or wherever the file was downloaded to. It
          goes into a new, empty database; add host and user where they are not the defaults.
        </>
      }
      actions={<CopyTextButton text={text} label="Copy the commands" />}
    >
      <Code block className={classes.commands}>
        {text}
      </Code>
    </Panel>
  );
}
