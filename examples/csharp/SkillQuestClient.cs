// Sends the results of one learner to SkillQuest, for Unity 2021 or later and any other .NET.
// See docs/clients.md. Each result is in a file before it is sent, with an id that it keeps, so it is paid once,
// and nothing is lost when the game is closed or has no connection.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Runtime.Serialization;
using System.Runtime.Serialization.Json;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace SkillQuest
{
    [DataContract]
    public sealed class LevelCompletion
    {
        [DataMember(Name = "type")] public string Type = "level_completion";
        [DataMember(Name = "client_event_id")] public string EventId = Guid.NewGuid().ToString();
        [DataMember(Name = "occurred_at")] public string OccurredAt = Json.Now();
        [DataMember(Name = "level_id")] public string LevelId;
        [DataMember(Name = "score")] public int Score;
        [DataMember(Name = "time_spent", EmitDefaultValue = false)] public int? TimeSpent; // whole seconds
    }

    [DataContract]
    public sealed class Problem
    {
        [DataMember(Name = "code")] public string Code;
        [DataMember(Name = "detail")] public string Detail;
    }

    [DataContract]
    public sealed class Result
    {
        [DataMember(Name = "client_event_id")] public string EventId;
        [DataMember(Name = "status")] public string Status; // created, replayed, held or rejected
        [DataMember(Name = "awarded_xp")] public int AwardedXp;
        [DataMember(Name = "new_total_xp")] public int NewTotalXp;
        [DataMember(Name = "held_reason")] public string HeldReason; // a sentence for the learner
        [DataMember(Name = "problem")] public Problem Problem;

        // Staff may open or publish a level again, so such a result is kept.
        public bool MayBeTakenLater =>
            Status == "rejected" && (Problem.Code == "level_locked" || Problem.Code == "unknown_level");
    }

    [DataContract]
    internal sealed class Batch
    {
        [DataMember(Name = "events")] public List<LevelCompletion> Events;
        [DataMember(Name = "sent_at")] public string SentAt; // so that a wrong clock of the device costs nobody a day
    }

    [DataContract]
    internal sealed class BatchAnswer
    {
        [DataMember(Name = "results")] public List<Result> Results;
    }

    public sealed class SkillQuestException : Exception
    {
        // 0 without an answer: try again later.
        public readonly int Status;

        public SkillQuestException(int status, string message) : base(message) { Status = status; }
    }

    public sealed class SkillQuestClient
    {
        private const int Tries = 5, BatchSize = 500;
        // Without redirects: the token is for this address only.
        private static readonly HttpClient Http =
            new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(15) };
        private static readonly Random Dice = new Random();
        private readonly string url, file;
        private readonly Func<Task<string>> getToken;
        private readonly SemaphoreSlim turn = new SemaphoreSlim(1);
        private string token;

        // `getToken` asks the game's own server, which holds the key, for a short token of the learner.
        // `file` belongs to this learner alone, or a result would be credited to somebody else.
        public SkillQuestClient(string url, string file, Func<Task<string>> getToken)
        {
            this.url = url.TrimEnd('/');
            this.file = file;
            this.getToken = getToken;
        }

        // Returns when the result is on the disk. Call SendWaiting afterwards, when the game starts, and now and then.
        public async Task Keep(LevelCompletion completion)
        {
            await turn.WaitAsync();
            try { Append(file, completion); }
            finally { turn.Release(); }
        }

        public int Waiting => Read().Count;

        // The results of what was sent. What the server refuses for good is moved to `file`.rejected.
        // Throws SkillQuestException where it cannot send now; everything unsent stays in the file.
        public async Task<List<Result>> SendWaiting()
        {
            await turn.WaitAsync();
            try
            {
                var results = new List<Result>();
                var waiting = Read();
                for (var first = 0; first < waiting.Count; first += BatchSize)
                {
                    results.AddRange(await SendBatch(waiting.Skip(first).Take(BatchSize).ToList()));
                }
                return results;
            }
            finally { turn.Release(); }
        }

        private async Task<List<Result>> SendBatch(List<LevelCompletion> events)
        {
            var answer = await Post("sync", () => Json.Write(new Batch { Events = events, SentAt = Json.Now() }));
            var results = Json.Read<BatchAnswer>(answer).Results;
            if (results == null || results.Count != events.Count) throw new SkillQuestException(0, "No answer for each event.");
            for (var i = 0; i < events.Count; i++)
            {
                if (results[i].Status == "rejected" && !results[i].MayBeTakenLater) Append(file + ".rejected", events[i]);
            }
            var done = new HashSet<string>(events.Where((_, i) => !results[i].MayBeTakenLater).Select(each => each.EventId));
            Replace(Read().Where(each => !done.Contains(each.EventId)));
            return results;
        }

        private async Task<string> Post(string path, Func<string> body)
        {
            var renewed = false;
            for (var attempt = 1; ; attempt++)
            {
                var wait = TimeSpan.Zero;
                try
                {
                    token = token ?? await getToken();
                    using (var request = new HttpRequestMessage(HttpMethod.Post, url + "/" + path))
                    {
                        request.Content = new StringContent(body(), Encoding.UTF8, "application/json");
                        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                        using (var response = await Http.SendAsync(request))
                        {
                            var status = (int)response.StatusCode;
                            var text = await response.Content.ReadAsStringAsync();
                            if (response.IsSuccessStatusCode && Json.IsObject(text)) return text;
                            if (status == 401 && !renewed) { renewed = true; token = null; continue; }
                            if (status >= 400 && status < 500 && status != 408 && status != 429)
                                throw new SkillQuestException(status, text);
                            wait = response.Headers.RetryAfter?.Delta ?? TimeSpan.Zero;
                        }
                    }
                }
                catch (HttpRequestException) { } // no connection
                catch (TaskCanceledException) { } // no answer in time
                if (attempt == Tries || wait > TimeSpan.FromMinutes(2)) throw new SkillQuestException(0, "No connection.");
                // Never before Retry-After, and a part at random, so that not all games come back in the same second.
                await Task.Delay(wait + TimeSpan.FromSeconds(Dice.NextDouble() * Math.Min(8, 0.5 * Math.Pow(2, attempt - 1))));
            }
        }

        private List<LevelCompletion> Read()
        {
            if (!File.Exists(file)) return new List<LevelCompletion>();
            // A line that was cut off when the device lost its power has no end, and was never reported as kept.
            return File.ReadAllLines(file).Where(line => line.EndsWith("}")).Select(Json.Read<LevelCompletion>).ToList();
        }

        private static void Append(string path, params LevelCompletion[] events)
        {
            using (var stream = new FileStream(path, FileMode.Append))
            {
                // Each begins a line of its own, also after one that was cut off.
                var lines = Encoding.UTF8.GetBytes(string.Concat(events.Select(each => "\n" + Json.Write(each) + "\n")));
                stream.Write(lines, 0, lines.Length);
                stream.Flush(true); // to the disk
            }
        }

        private void Replace(IEnumerable<LevelCompletion> events)
        {
            var rest = file + ".new";
            File.Delete(rest);
            Append(rest, events.ToArray());
            File.Replace(rest, file, null); // at once: either the old file or the new one is there
        }
    }

    internal static class Json
    {
        public static string Now() => DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'");

        public static bool IsObject(string text) => text.TrimStart().StartsWith("{");

        public static string Write<T>(T value)
        {
            using (var stream = new MemoryStream())
            {
                new DataContractJsonSerializer(typeof(T)).WriteObject(stream, value);
                return Encoding.UTF8.GetString(stream.ToArray());
            }
        }

        public static T Read<T>(string text)
        {
            using (var stream = new MemoryStream(Encoding.UTF8.GetBytes(text)))
            {
                return (T)new DataContractJsonSerializer(typeof(T)).ReadObject(stream);
            }
        }
    }
}
