// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The times and limits behind the supervisor's decisions.
package struct SupervisorPolicy: Hashable, Sendable {
    /// How long a worker may take from its start until it is ready.
    package var bootDeadline: Duration = .seconds(30)
    /// How long after SIGTERM requests are still taken while the readiness check fails already: the time in which load
    /// balancers learn of it.
    package var shutdownDelay: Duration = .seconds(5)
    /// How long workers may finish what they serve, when the supervisor stops and when they are replaced.
    ///
    /// With ``shutdownDelay`` and ``killGrace`` it stays below the 30 seconds that service managers wait.
    package var drainDeadline: Duration = .seconds(20)
    /// The same after SIGINT, that is Ctrl-C, and when the first start fails.
    package var interruptDeadline: Duration = .seconds(5)
    /// How long past its drain deadline a worker may live.
    package var killGrace: Duration = .seconds(3)
    /// How long a worker may live that has closed its control socket or has said that it is drained.
    package var exitGrace: Duration = .seconds(5)
    /// A second request to stop is only one if it comes later than this: process groups double signals.
    package var repeatWindow: Duration = .milliseconds(250)
    /// A worker that was ready for so long has had a healthy life, and is replaced at once.
    package var healthyAge: Duration = .seconds(10)
    /// The wait after the first early death of a slot; each further one doubles it.
    package var initialBackoff: Duration = .milliseconds(100)
    package var maximumBackoff: Duration = .seconds(30)
    /// By which share a wait is lengthened or shortened at random, so that slots do not start in step.
    package var backoffJitter: Double = 0.2
    /// When each slot had so many early deaths in a row and none ever a healthy life, the supervisor gives up.
    package var earlyDeathLimit = 5
    /// How long the first worker of a reload must have been ready before the reload goes on.
    package var canaryAge: Duration = .seconds(1)
    /// How long a worker's event loop may give no sign of life.
    package var eventLoopSilence: Duration = .seconds(10)
    /// How long its tasks and its database thread may.
    package var taskSilence: Duration = .seconds(30)
    /// How long a stuck worker may write down where it is stuck.
    package var abortGrace: Duration = .seconds(5)
    /// A supervisor that did not look for so long forgives every silence once: it may have been the machine that slept.
    package var oversleep: Duration = .seconds(5)
    /// At which age a worker is replaced; nil for never.
    package var maximumAge: Duration? = .seconds(24 * 3600)
    /// By which share the age is lengthened or shortened at random, so that workers do not age in step.
    package var ageJitter: Double = 0.2
    /// Above which resident size, in bytes, a worker is replaced; nil for never.
    package var maximumMemory: Int?
    /// How many samples in a row must be above it, and how far apart they are.
    package var memorySamples = 3
    package var memorySampleInterval: Duration = .seconds(30)
    /// How long after a worker could not be replaced for its age or size it is tried again.
    package var recyclingPause: Duration = .seconds(300)

    package init() {}

    /// How long a slot waits after so many early deaths in a row; `random` is between 0 and 1.
    func backoff(afterEarlyDeaths count: Int, random: Double) -> Duration {
        // Bounded, because 2 to the power of many deaths is more than a Duration holds.
        let doublings = min(max(0, count - 1), 30)
        let wait = min(initialBackoff * (1 << doublings), maximumBackoff)
        return wait * (1 + backoffJitter * (2 * random - 1))
    }

    /// The age at which a worker is replaced; `random` is between 0 and 1.
    func recyclingAge(random: Double) -> Duration? {
        maximumAge.map { $0 * (1 + ageJitter * (2 * random - 1)) }
    }

    /// How long `part` may give no sign of life.
    func silence(of part: VitalPart) -> Duration {
        part == .eventLoop ? eventLoopSilence : taskSilence
    }
}
