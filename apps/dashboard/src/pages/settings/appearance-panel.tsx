import { Group, Radio, SimpleGrid, Text, useMantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';
import { Bytes, Duration, RelativeTime, Time } from '../../ui/figures.js';
import { useNow } from '../../ui/now.js';
import { Panel } from '../../ui/panel.js';
import { Fact, Facts } from './facts.js';
import classes from './settings.module.css';

const SCHEMES = [
  { value: 'auto', label: 'As the system', words: 'Light or dark, as this device is set.', icon: IconDeviceDesktop },
  { value: 'light', label: 'Light', words: 'Always light.', icon: IconSun },
  { value: 'dark', label: 'Dark', words: 'Always dark.', icon: IconMoon },
] as const;
const SAMPLE_BYTES = 1_536_000_000;
const SAMPLE_MS = 7_500_000;

/** Shows what this browser remembers for itself. */
export function AppearancePanel() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Panel title="Appearance" description="Kept in this browser.">
      <Radio.Group value={colorScheme} onChange={(value) => setColorScheme(value)} label="Theme">
        <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm" mt={4}>
          {SCHEMES.map(({ value, label, words, icon: Icon }) => (
            <Radio.Card key={value} value={value} className={classes.scheme} aria-label={label}>
              <Group wrap="nowrap" gap="sm" align="flex-start">
                <Radio.Indicator mt={3} />
                <div>
                  <Group gap={6} wrap="nowrap">
                    <Icon size={18} aria-hidden />
                    <Text size="sm" fw={600}>
                      {label}
                    </Text>
                  </Group>
                  <Text size="sm" c="dimmed">
                    {words}
                  </Text>
                </div>
              </Group>
            </Radio.Card>
          ))}
        </SimpleGrid>
      </Radio.Group>
      <Samples />
    </Panel>
  );
}

/** How this browser’s language and zone write things. */
function Samples() {
  const now = useNow(60_000);
  const { locale, timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return (
    <Facts>
      <Fact name="Language and zone">
        {locale}, {timeZone}: as this browser is set
      </Fact>
      <Fact name="Times">
        <Time at={now} />, or <RelativeTime at={now - SAMPLE_MS} />
      </Fact>
      <Fact name="Sizes and durations">
        <Bytes value={SAMPLE_BYTES} />, <Duration ms={SAMPLE_MS} />
      </Fact>
      <Fact name="Exact values">
        Rest the pointer on a time, a size or a duration. Schedules run in zones of their own.
      </Fact>
    </Facts>
  );
}
