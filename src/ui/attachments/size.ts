// How large a file is, for a person: in KB, from 1024 KB on in MB.
import { kilobytes } from '../format.ts';

const MEGA = 1024 * 1024;
const MB = new Intl.NumberFormat('en', { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 });

export const fileSize = (bytes: number): string =>
  bytes < MEGA ? kilobytes(bytes) : MB.format(bytes / MEGA);
