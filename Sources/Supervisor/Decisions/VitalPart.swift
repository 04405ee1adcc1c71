// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A part of a worker that gives signs of life, because it can get stuck on its own.
package enum VitalPart: String, Hashable, Sendable {
    case eventLoop = "event loop"
    case task = "task"
    case database = "database thread"
}
