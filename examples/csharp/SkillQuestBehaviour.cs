// In Unity: add it to an object of the first scene. `tokenUrl` is an address of the game's own server, which checks who is
// playing and answers with the short token that SkillQuest has given it (docs/servers.md).

using System.IO;
using System.Net.Http;
using System.Threading.Tasks;
using SkillQuest;
using UnityEngine;

public sealed class SkillQuestBehaviour : MonoBehaviour
{
    [SerializeField] private string url = "https://quest.example/api/v1";
    [SerializeField] private string tokenUrl = "https://game.example/skillquest-token";
    [SerializeField] private string playerId = "player-1";

    private static readonly HttpClient Http = new HttpClient();
    private SkillQuestClient client;

    private async void Start()
    {
        var file = Path.Combine(Application.persistentDataPath, "skillquest-" + playerId + ".jsonl");
        client = new SkillQuestClient(url, file, () => Http.GetStringAsync(tokenUrl));
        await Send(); // what an earlier run of the game could not send
    }

    public async void LevelFinished(string levelId, int score, int seconds)
    {
        await client.Keep(new LevelCompletion { LevelId = levelId, Score = score, TimeSpent = seconds });
        await Send();
    }

    private async Task Send()
    {
        try
        {
            foreach (var result in await client.SendWaiting())
            {
                Debug.Log(result.Problem?.Detail ?? result.HeldReason ?? "+" + result.AwardedXp + " XP");
            }
        }
        catch (SkillQuestException error)
        {
            Debug.Log(error.Status == 0 ? "Saved on this device; it will be sent when you are online." : error.Message);
        }
    }
}
