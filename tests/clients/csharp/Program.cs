// Plays as test_csharp.py sets it up: url, token, file, then "keep LEVEL SCORE" or "send" for each step.

using System;
using System.Threading.Tasks;
using SkillQuest;

internal static class Program
{
    private static async Task<int> Play(string[] arguments)
    {
        var client = new SkillQuestClient(arguments[0], arguments[2], () => Task.FromResult(arguments[1]));
        for (var i = 3; i < arguments.Length; i++)
        {
            if (arguments[i] == "keep")
            {
                await client.Keep(new LevelCompletion { LevelId = arguments[++i], Score = int.Parse(arguments[++i]), TimeSpent = 60 });
                continue;
            }
            try
            {
                foreach (var each in await client.SendWaiting())
                    Console.WriteLine(each.Status + " " + (each.Problem?.Code ?? each.AwardedXp.ToString()));
            }
            catch (SkillQuestException error) { Console.WriteLine("not sent " + error.Status); }
            Console.WriteLine("waiting " + client.Waiting);
        }
        return 0;
    }

    private static int Main(string[] arguments)
    {
        return Play(arguments).GetAwaiter().GetResult();
    }
}
