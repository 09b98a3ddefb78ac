// Where the states of a run are drawn, and how the ways between them run. Only places: which states and ways there are comes
// from the machine, and a test fails when the two differ.
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}
export interface Way {
  line: string;
  tip: string;
}

export const CHART_WIDTH = 304;
export const CHART_HEIGHT = 262;
export const REGION: Box = { x: 6.5, y: 6.5, width: 291, height: 140 };

const box = (x: number, y: number, width: number, height = 28): Box => ({ x, y, width, height });

export const BOXES: Record<string, Box> = {
  admitted: box(16.5, 38.5, 70),
  starting: box(104.5, 38.5, 72),
  running: box(206.5, 38.5, 80),
  waiting: box(96.5, 99.5, 88, 36),
  quiet: box(214.5, 103.5, 72),
  stale: box(18.5, 188.5, 76),
  draining: box(125.5, 188.5, 76),
  settled: box(218.5, 188.5, 76),
};

const right = (x: number, y: number): string => `m${x} ${y}-7-3.5v7Z`;
const left = (x: number, y: number): string => `m${x} ${y} 7-3.5v7Z`;
const down = (x: number, y: number): string => `m${x} ${y}-3.5-7h7Z`;
const up = (x: number, y: number): string => `m${x} ${y}-3.5 7h7Z`;

export const WAYS: Record<string, Way> = {
  'admitted>starting': { line: 'M87 52.5h10', tip: right(104, 52.5) },
  'starting>running': { line: 'M177 47.5h22', tip: right(206, 47.5) },
  'starting>waiting': { line: 'M134.5 67v25', tip: down(134.5, 99) },
  'running>waiting': { line: 'M210.5 67v41.5h-18', tip: left(185, 108.5) },
  'waiting>running': { line: 'M180.5 99V59.5H199', tip: right(206, 59.5) },
  'running>quiet': { line: 'M240.5 67v29', tip: down(240.5, 103) },
  'quiet>running': { line: 'M264.5 103V74', tip: up(264.5, 67) },
  'quiet>waiting': { line: 'M214 122.5h-22', tip: left(185, 122.5) },
  'active>draining': { line: 'M163.5 147v34', tip: down(163.5, 188) },
  'active>stale': { line: 'M50.5 147v34', tip: down(50.5, 188) },
  'stale>active': { line: 'M62.5 188v-34', tip: up(62.5, 147) },
  'draining>settled': { line: 'M202 202.5h9', tip: right(218, 202.5) },
  'draining>stale': { line: 'M125 197.5h-23', tip: left(95, 197.5) },
  'stale>draining': { line: 'M95 208.5h23', tip: right(125, 208.5) },
  'stale>settled': { line: 'M56.5 217v20a8 8 0 0 0 8 8h184a8 8 0 0 0 8-8v-13', tip: up(256.5, 217) },
};

export const LABELS: { x: number; y: number; text: 'ended' | 'lost' | 'recovered'; middle?: boolean }[] = [
  { x: 171, y: 168, text: 'ended' },
  { x: 70, y: 168, text: 'lost' },
  { x: 156, y: 256, text: 'recovered', middle: true },
];
