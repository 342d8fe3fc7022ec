import Crypto
import Foundation
import SwiftASN1

/// An Ed25519 key (RFC 8032) that signs a manifest.
public struct SigningKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    /// Reads a private key as `openssl genpkey -algorithm ed25519` writes it: PKCS #8 in PEM (RFC 8410, section 7).
    ///
    /// - Throws: `ReportError.notAKey`.
    public init(pemFile path: String) throws(ReportError) {
        let bytes = try KeyFile.bytes(
            path, "PRIVATE KEY",
            [0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20])
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes) else {
            throw .notAKey(path: path, reason: "is no Ed25519 private key")
        }
        self.key = key
    }

    /// 64 bytes.
    func signature(of data: Data) throws -> Data { try key.signature(for: data) }
}

/// The public half of a `SigningKey`.
public struct VerifyingKey: Sendable {
    private let key: Curve25519.Signing.PublicKey

    /// Reads a public key as `openssl pkey -pubout` writes it: a SubjectPublicKeyInfo in PEM (RFC 8410, section 4).
    ///
    /// - Throws: `ReportError.notAKey`.
    public init(pemFile path: String) throws(ReportError) {
        let bytes = try KeyFile.bytes(
            path, "PUBLIC KEY", [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00])
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else {
            throw .notAKey(path: path, reason: "is no Ed25519 public key")
        }
        self.key = key
    }

    func isValid(_ signature: Data, of data: Data) -> Bool { key.isValidSignature(signature, for: data) }
}

private enum KeyFile {
    /// The 32 bytes of an Ed25519 key, which stand at the end of a DER structure that is otherwise always the same.
    static func bytes(_ path: String, _ label: String, _ beginning: [UInt8]) throws(ReportError) -> Data {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw .notAKey(path: path, reason: "cannot be read: \(error.localizedDescription)")
        }
        guard let document = try? PEMDocument(pemString: text), document.discriminator == label else {
            throw .notAKey(path: path, reason: "has no '\(label)' in PEM")
        }
        guard document.derBytes.count == beginning.count + 32, document.derBytes.starts(with: beginning) else {
            throw .notAKey(path: path, reason: "is a \(label.lowercased()) of another kind than Ed25519")
        }
        return Data(document.derBytes.suffix(32))
    }
}
