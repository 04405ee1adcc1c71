-- For the other scripts: says as JSON what came of the requests.

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      '{"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "failures": {"no connection": %d, '
         .. '"not read": %d, "not written": %d, "status above 399": %d, "no answer in 10 s": %d}}\n',
      summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
      errors.connect, errors.read, errors.write, errors.status, errors.timeout
   ))
end
