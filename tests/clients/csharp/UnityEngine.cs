// As much of Unity as SkillQuestBehaviour.cs needs to be compiled.

using System;

namespace UnityEngine
{
    public class MonoBehaviour { }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class SerializeField : Attribute { }

    public static class Application
    {
        public static string persistentDataPath => ".";
    }

    public static class Debug
    {
        public static void Log(object message) { Console.WriteLine(message); }
    }
}
