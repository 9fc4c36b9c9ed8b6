/** `hospital-streaming-api/client`, the address of the client before it had a package of its own. */
export * from '@hospital-streaming-api/client';
