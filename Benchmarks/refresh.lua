-- For wrk: swaps refresh tokens for their successors, over and over. The file has the first ones, one a line: one more
-- for each thread than it has connections, because wrk asks for a request that it does not send. The number of threads
-- follows the name of the file.

dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "outcome.lua")

local threads = 0
-- The tokens of which no request is under way.
local tokens = {}
local first, last = 1, 0
local fields = { ["Content-Type"] = "application/json" }

function setup(thread)
   thread:set("number", threads)
   threads = threads + 1
end

local function keep(token)
   last = last + 1
   tokens[last] = token
end

function init(arguments)
   local index = 0
   for line in io.lines(arguments[1]) do
      if index % arguments[2] == number then keep(line) end
      index = index + 1
   end
end

function request()
   -- When there is none, after a failure, the empty one is refused and counts as the next failure.
   local token = tokens[first] or ""
   if first <= last then
      tokens[first] = nil
      first = first + 1
   end
   return wrk.format("POST", nil, fields, '{"refresh_token": "' .. token .. '"}')
end

function response(status, headers, body)
   local token = body:match('"refresh_token": ?"([^"]+)"')
   if status == 200 and token then keep(token) end
end
