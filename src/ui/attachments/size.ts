// How large a file is, for a person: in bytes, from 1024 on in KB, from 1024 KB on in MB.
import { kilobytes } from '../format.ts';

const KILO = 1024;
const MEGA = KILO * KILO;
const MB = new Intl.NumberFormat('en', { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 });

const BYTES = new Intl.NumberFormat('en', { style: 'unit', unit: 'byte', unitDisplay: 'long' });

export function fileSize(bytes: number): string {
  if (bytes < KILO) return BYTES.format(bytes);
  return bytes < MEGA ? kilobytes(bytes) : MB.format(bytes / MEGA);
}
