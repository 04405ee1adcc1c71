-- For wrk: sends the requests of a file in turn, one header field a line, and says as JSON what came of them.
-- A method and a JSON body may follow the name of the file; without them it is GET.

local requests = {}
local last = 0

function init(arguments)
   for line in io.lines(arguments[1]) do
      local name, value = line:match("^(.-): (.*)$")
      local fields = { [name] = value, ["Content-Type"] = arguments[3] and "application/json" }
      requests[#requests + 1] = wrk.format(arguments[2], nil, fields, arguments[3])
   end
end

function request()
   last = last % #requests + 1
   return requests[last]
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      '{"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "failures": {"no connection": %d, '
         .. '"not read": %d, "not written": %d, "status above 399": %d, "no answer in 2 s": %d}}\n',
      summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
      errors.connect, errors.read, errors.write, errors.status, errors.timeout
   ))
end
