/** Exits 0 when the server in this container is ready: for HEALTHCHECK, in an image without curl. */
const port = process.env.PORT || '3000';
const host = ['', '0.0.0.0', '::'].includes(process.env.HOST ?? '') ? '127.0.0.1' : process.env.HOST;

try {
  const response = await fetch(`http://${host.includes(':') ? `[${host}]` : host}:${port}/health/ready`, {
    signal: AbortSignal.timeout(4000),
  });
  const text = await response.text();
  if (!response.ok) {
    process.stderr.write(`not ready: ${response.status} ${text}\n`);
    process.exitCode = 1;
  }
} catch (error) {
  process.stderr.write(`not reachable: ${error.cause?.code ?? error.name}\n`);
  process.exitCode = 1;
}
