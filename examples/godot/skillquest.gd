## Sends the results of one learner to SkillQuest, for Godot 4. See docs/clients.md.
##
## Each result is in a file before it is sent, with an id that it keeps, so it is paid once, and
## nothing is lost when the game is closed or has no connection. Add it as an autoload, then:
##
##     SkillQuest.start("https://quest.example/api/v1", "player-1", ask_our_server_for_a_token)
##     SkillQuest.keep("level-1", 90, 120)
##     for result in await SkillQuest.send_waiting():
##         print(result.get("awarded_xp", 0))
class_name SkillQuestClient
extends Node

const TRIES := 5
const BATCH_SIZE := 500
const LONGEST_WAIT := 120.0
## Staff may open or publish a level again, so such a result is kept.
const MAY_BE_TAKEN_LATER := ["level_locked", "unknown_level"]

## Why nothing was sent: "" after success, "offline", or the body of the refusal.
var error := ""

var _url := ""
var _file := ""
var _get_token: Callable
var _token := ""
var _is_sending := false
var _http := HTTPRequest.new()


func _ready() -> void:
	_http.timeout = 15.0
	_http.max_redirects = 0  # the token is for this address only
	add_child(_http)


## `get_token` is a function, possibly with `await`, that asks the game's own server for a
## short token of the learner.
func start(url: String, learner: String, get_token: Callable) -> void:
	_url = url.trim_suffix("/")
	# A file for each learner, or a result would be credited to somebody else.
	_file = "user://skillquest-%s.jsonl" % learner.sha256_text()
	_get_token = get_token


## Returns when the result is in the file. Call `send_waiting` afterwards, when the game starts, and
## now and then.
func keep(level_id: String, score: int, seconds: int) -> void:
	_append(
		_file,
		{
			"type": "level_completion",
			"client_event_id": _new_id(),
			"level_id": level_id,
			"score": score,
			"time_spent": seconds,
			"occurred_at": _now(),
		}
	)


## The results of what was sent, in the order of the file. What cannot be sent now stays there;
## `error` says why. What the server refuses for good is moved to the file with ".rejected".
func send_waiting() -> Array:
	var results := []
	if _is_sending:
		return results
	_is_sending = true
	error = ""
	var waiting := _read()
	for first in range(0, waiting.size(), BATCH_SIZE):
		var batch := waiting.slice(first, first + BATCH_SIZE)
		var answer: Dictionary = await _post("sync", {"events": batch})
		var verdicts: Array = answer.get("results", [])
		if verdicts.size() != batch.size():
			break
		_settle(batch, verdicts)
		results.append_array(verdicts)
	_is_sending = false
	return results


func _settle(batch: Array, verdicts: Array) -> void:
	var done := {}
	for i in batch.size():
		var problem: Dictionary = verdicts[i].get("problem", {})
		if problem.get("code", "") in MAY_BE_TAKEN_LATER:
			continue
		if verdicts[i]["status"] == "rejected":
			_append(_file + ".rejected", batch[i])
		done[batch[i]["client_event_id"]] = true
	_replace(_read().filter(func(event): return not done.has(event["client_event_id"])))


## An empty dictionary without success.
func _post(path: String, body: Dictionary) -> Dictionary:
	var renewed := false
	var attempt := 1
	while true:
		if _token.is_empty():
			_token = await _get_token.call()
		# So that a wrong clock of the device costs nobody a day.
		var text := JSON.stringify(body.merged({"sent_at": _now()}, true))
		var headers := ["Content-Type: application/json", "Authorization: Bearer " + _token]
		var wait := 0.0
		if _http.request("%s/%s" % [_url, path], headers, HTTPClient.METHOD_POST, text) == OK:
			var answer: Array = await _http.request_completed
			var status: int = answer[1] if answer[0] == HTTPRequest.RESULT_SUCCESS else 0
			var content: Variant = JSON.parse_string(answer[3].get_string_from_utf8())
			if status >= 200 and status < 300 and content is Dictionary:
				return content
			if status == 401 and not renewed:
				renewed = true
				_token = ""
				continue
			if status >= 400 and status < 500 and status not in [408, 429]:
				error = JSON.stringify(content)
				return {}
			wait = _retry_after(answer[2])
		if attempt == TRIES or wait > LONGEST_WAIT:
			error = "offline"
			return {}
		# Never before Retry-After, and a part at random, so that not all games come back at once.
		wait += randf() * minf(8.0, 0.5 * 2 ** (attempt - 1))
		await get_tree().create_timer(wait).timeout
		attempt += 1
	return {}


func _retry_after(headers: PackedStringArray) -> float:
	for header in headers:
		if header.to_lower().begins_with("retry-after:"):
			return header.get_slice(":", 1).strip_edges().to_float()
	return 0.0


func _read() -> Array:
	if not FileAccess.file_exists(_file):
		return []
	var events := []
	for line in FileAccess.get_file_as_string(_file).split("\n", false):
		# A line that was cut off when the device lost its power was never reported as kept.
		var event: Variant = JSON.parse_string(line)
		if event is Dictionary:
			events.append(event)
	return events


func _append(path: String, event: Dictionary) -> void:
	var is_there := FileAccess.file_exists(path)
	var file := FileAccess.open(path, FileAccess.READ_WRITE if is_there else FileAccess.WRITE)
	file.seek_end()
	file.store_string("\n" + JSON.stringify(event) + "\n")  # begins a line after a cut one
	file.close()


func _replace(events: Array) -> void:
	var file := FileAccess.open(_file + ".new", FileAccess.WRITE)
	for event in events:
		file.store_line(JSON.stringify(event))
	file.close()
	# At once: either the old file or the new one is there.
	DirAccess.rename_absolute(_file + ".new", _file)


func _now() -> String:
	return Time.get_datetime_string_from_unix_time(int(Time.get_unix_time_from_system())) + "Z"


## A random UUID (version 4).
func _new_id() -> String:
	var bytes := Crypto.new().generate_random_bytes(16)
	bytes[6] = (bytes[6] & 0x0f) | 0x40
	bytes[8] = (bytes[8] & 0x3f) | 0x80
	var hex := bytes.hex_encode()
	return (
		"%s-%s-%s-%s-%s"
		% [hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4), hex.substr(20)]
	)
