/** @node-rs/jieba ships its dictionary without types. */
declare module '@node-rs/jieba/dict' {
  export const dict: Uint8Array;
}
