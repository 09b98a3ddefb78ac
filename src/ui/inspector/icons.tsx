// The line icons of the inspector, as paths of a 16-pixel grid.
const PATHS = {
  weir: 'M2 4.5h5.5c1.5 0 1.5 4 3 4H14M2 8h3.5M2 11.5h12',
  list: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h7',
  panel:
    'M3.5 3h9A1.5 1.5 0 0 1 14 4.5v7a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 2 11.5v-7A1.5 1.5 0 0 1 3.5 3ZM10 3v10',
  close: 'm4 4 8 8M12 4l-8 8',
  before: 'M3.5 3.5v9M13 3.5 6.5 8l6.5 4.5Z',
  after: 'M12.5 3.5v9M3 3.5 9.5 8 3 12.5Z',
  play: 'M5 3.5v9l7-4.5Z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
} as const;

export const Icon = ({ name }: { name: keyof typeof PATHS }) => (
  <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);
