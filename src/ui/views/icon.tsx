// The line icons of the page, as paths of a 16-pixel grid.
const PATHS = {
  weir: 'M2 4.5h5.5c1.5 0 1.5 4 3 4H14M2 8h3.5M2 11.5h12',
  plus: 'M8 3v10M3 8h10',
  list: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h7',
  panel:
    'M3.5 3h9A1.5 1.5 0 0 1 14 4.5v7a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 2 11.5v-7A1.5 1.5 0 0 1 3.5 3ZM10 3v10',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.75 10.75 14 14',
  turn: 'm6 4 4 4-4 4',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  play: 'M5 3.5v9l7-4.5Z',
  stop: 'M5 4h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1Z',
  send: 'M8 13V3M3.75 7.25 8 3l4.25 4.25',
  copy: 'M6 5.5h6.5a1 1 0 0 1 1 1V13a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V6.5a1 1 0 0 1 1-1ZM3 10.5h-.5V3a1 1 0 0 1 1-1H10v1',
  check: 'm3 8.5 3.25 3.25L13 4.75',
  close: 'm4 4 8 8M12 4l-8 8',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  down: 'M8 3v10M3.75 8.75 8 13l4.25-4.25',
  pin: 'M9.5 2 14 6.5l-2.5.75L8.5 10l-.5 3L3 8l3-.5 2.75-3ZM5.5 10.5 2 14',
  light:
    'M8 5.25a2.75 2.75 0 1 0 0 5.5 2.75 2.75 0 0 0 0-5.5ZM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M12.6 3.4l-.7.7M4.1 11.9l-.7.7',
  dark: 'M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7Z',
  system: 'M8 2.5a5.5 5.5 0 1 0 0 11ZM8 2.5a5.5 5.5 0 0 1 0 11',
} as const;
export type IconName = keyof typeof PATHS;

export const Icon = ({ name, className = '' }: { name: IconName; className?: string }) => (
  <svg className={`icon ${className}`} viewBox="0 0 16 16" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);
