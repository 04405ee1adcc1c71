// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A value that must not be printed: a secret, a token, a connection string.
///
/// Printing it in any way shows `[redacted]`; reading it takes the explicit ``exposed``.
package struct Redacted<Value: Sendable>: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The value itself.
    package let exposed: Value

    /// Hides `value`.
    package init(_ value: Value) {
        self.exposed = value
    }

    package var description: String { "[redacted]" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
