// What runs cost, as people read it.

/** To the cent, or to the third digit, whichever is more: a little never reads as nothing. */
const USD = new Intl.NumberFormat('en', {
  style: 'currency',
  currency: 'USD',
  minimumSignificantDigits: 3,
  maximumSignificantDigits: 3,
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
  roundingPriority: 'morePrecision',
});

export const dollars = (cost: number): string => USD.format(cost);
