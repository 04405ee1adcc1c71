-- For wrk: creates users, with the header fields of a file in turn, one a line. What follows the name of the file makes
-- the addresses of this run its own.

dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "outcome.lua")

local threads = 0
local callers = {}
local prefix
local count = 0

function setup(thread)
   thread:set("number", threads)
   threads = threads + 1
end

function init(arguments)
   for line in io.lines(arguments[1]) do
      local name, value = line:match("^(.-): (.*)$")
      callers[#callers + 1] = { [name] = value, ["Content-Type"] = "application/json" }
   end
   prefix = string.format("user.%s%x", arguments[2], number)
end

function request()
   count = count + 1
   local body = string.format('{"email": "%s%x@example.com", "display_name": "New User"}', prefix, count)
   return wrk.format("POST", nil, callers[count % #callers + 1], body)
end
