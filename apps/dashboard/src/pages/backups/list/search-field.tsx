import { CloseButton, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';

const PAUSE_MS = 250;

/** Searches once somebody has stopped typing. */
export function SearchField({ value, onSearch }: { value: string; onSearch(search: string): void }) {
  const [typed, setTyped] = useState(value);
  const sent = useRef(value);
  const send = (search: string): void => {
    sent.current = search;
    onSearch(search);
  };
  const sendSoon = useDebouncedCallback((search: string) => send(search), PAUSE_MS);
  useEffect(() => {
    // Changed by somebody else than this field: by Back, or by a button that clears it.
    if (value !== sent.current) setTyped(value);
    sent.current = value;
  }, [value]);
  const change = (search: string): void => {
    setTyped(search);
    sendSoon(search.trim());
  };
  return (
    <TextInput
      type="search"
      label="Search"
      placeholder="File or database"
      value={typed}
      onChange={(event) => change(event.currentTarget.value)}
      maxLength={255}
      autoComplete="off"
      spellCheck={false}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={typed !== '' && <CloseButton size="sm" aria-label="Clear the search" onClick={() => change('')} />}
    />
  );
}
