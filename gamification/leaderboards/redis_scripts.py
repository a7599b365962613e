"""Lua scripts that run inside Redis (7.0 and later), each as one atomic step.

A board is a sorted set: the member is the learner's id in 19 digits, the score is negated, so that the order of Redis
(score, then member) is that of the board. Its last member is `built:` and the run id of the server, with the moment of
building as a positive score. It shows that the server process that answers has the complete board: a restart, a
failover or FLUSHALL that lost scores has lost this member or changed the run id.

While a board is rebuilt, `building` names the builder, and new scores are written to the next board as well.
"""

RUN_ID = """
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
"""

# KEYS board; ARGV member (may be ''), limit, neighbours.
# Nothing if the board is incomplete; else {built at, total, top, around, score, learners above}; the two lists as
# {position of the first, its rank, members and scores}.
READ = (
    RUN_ID
    + """
local board, member, limit, around = KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
-- A key of another type is no board either.
local built = redis.pcall('ZSCORE', board, 'built:' .. run)
if type(built) ~= 'string' then return false end
local total = redis.call('ZCOUNT', board, '-inf', '(0')
local function above(score) return redis.call('ZCOUNT', board, '-inf', '(' .. score) end
local function part(first, last)
    first, last = math.max(first, 0), math.min(last, total - 1)
    if last < first then return {1, 1, {}} end
    local rows = redis.call('ZRANGE', board, first, last, 'WITHSCORES')
    return {first + 1, above(rows[2]) + 1, rows}
end
local score = redis.call('ZSCORE', board, member)
if not score then return {built, total, part(0, limit - 1), {1, 1, {}}} end
local place = redis.call('ZRANK', board, member)
return {built, total, part(0, limit - 1), part(place - around, place + around), score, above(score)}
"""
)

# KEYS guard, then for each board: board, next board, building; ARGV revision, member, seconds that the guard is kept,
# then a score for each board, '0' where the learner is not on it. A revision older than the guard's changes nothing.
WRITE = """
local known = tonumber(redis.call('MGET', KEYS[1])[1] or '')
if known and known > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[3])
local member = ARGV[2]
local function put(board, score)
    local done
    if score == '0' then done = redis.pcall('ZREM', board, member)
    else done = redis.pcall('ZADD', board, '-' .. score, member) end
    -- A key of another type is no board: without it the board is missing, and will be built.
    if type(done) == 'table' and done.err then redis.call('DEL', board) end
end
for i = 2, #KEYS, 3 do
    local score = ARGV[4 + (i - 2) / 3]
    put(KEYS[i], score)
    if redis.call('EXISTS', KEYS[i + 2]) == 1 then put(KEYS[i + 1], score) end
end
return 1
"""

# KEYS building, next board; ARGV token, milliseconds without progress after which another may build.
START = (
    RUN_ID
    + """
if redis.call('PTTL', KEYS[1]) == -1 then redis.call('DEL', KEYS[1]) end
if not redis.call('SET', KEYS[1], ARGV[1] .. run, 'NX', 'PX', ARGV[2]) then return 0 end
redis.call('UNLINK', KEYS[2])
return 1
"""
)

# KEYS building, next board, then a guard for each learner; ARGV token, milliseconds, then member, score and revision
# for each. What was written meanwhile is newer. 0 if another builder took over, or the server was restarted.
FILL = (
    RUN_ID
    + """
if redis.call('GET', KEYS[1]) ~= ARGV[1] .. run then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local guards = {}
for i = 3, #KEYS do guards[i - 2] = KEYS[i] end
local known = redis.call('MGET', unpack(guards))
local rows = {}
for i = 1, #guards do
    local member, score, revision = ARGV[3 * i], ARGV[3 * i + 1], ARGV[3 * i + 2]
    local newer = tonumber(known[i] or '')
    if not newer or newer <= tonumber(revision) then
        rows[#rows + 1] = '-' .. score
        rows[#rows + 1] = member
    end
end
if #rows > 0 then redis.call('ZADD', KEYS[2], unpack(rows)) end
return 1
"""
)

# KEYS building, next board, board; ARGV token, moment of building in microseconds.
FINISH = (
    RUN_ID
    + """
if redis.call('GET', KEYS[1]) ~= ARGV[1] .. run then return 0 end
redis.call('ZADD', KEYS[2], ARGV[2], 'built:' .. run)
redis.call('UNLINK', KEYS[3])
redis.call('RENAME', KEYS[2], KEYS[3])
redis.call('DEL', KEYS[1])
return 1
"""
)
