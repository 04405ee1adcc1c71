-- For wrk: sends the requests of a file in turn, one header field a line.
-- A method and a JSON body may follow the name of the file; without them it is GET. Two threads begin at opposite places,
-- so that a request does not come twice at nearly the same time.

dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "outcome.lua")

local threads = 0
local requests = {}
local last = 0

function setup(thread)
   thread:set("number", threads)
   threads = threads + 1
end

function init(arguments)
   for line in io.lines(arguments[1]) do
      local name, value = line:match("^(.-): (.*)$")
      local fields = { [name] = value, ["Content-Type"] = arguments[3] and "application/json" }
      requests[#requests + 1] = wrk.format(arguments[2], nil, fields, arguments[3])
   end
   last = number * math.floor(#requests / 2)
end

function request()
   last = last % #requests + 1
   return requests[last]
end
