/** The API's limits, repeated because the page may import its types only; a test holds them equal. */
export const ticketLimits = {
  titleLength: 500,
  textLength: 20_000,
  queryLength: 100,
  filterCodes: 64,
} as const;

/** As many as there are digit keys. */
export const candidateCount = 9;
