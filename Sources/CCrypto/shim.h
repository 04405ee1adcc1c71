/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * libcrypto (OpenSSL 3.0) for Swift, and the calls that Swift cannot make itself: macros, variadic functions, and
 * OSSL_PARAM tables, whose names must outlive the call that fills them. Every function here returns what OpenSSL
 * returns (a new object or NULL; 1 or something else) and leaves the error queue for the caller to drain.
 */

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

/* A new P-256 key pair. */
static inline EVP_PKEY *CCrypto_p256_generate(void)
{
    return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
}

/* The key in a DER PrivateKeyInfo (PKCS #8); NULL for anything else, such as bytes after it. */
static inline EVP_PKEY *CCrypto_read_pkcs8(const unsigned char *der, long count)
{
    EVP_PKEY *key = NULL;
    const unsigned char *end = der;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &end, count);

    if (info != NULL && end == der + count)
        key = EVP_PKCS82PKEY(info);
    PKCS8_PRIV_KEY_INFO_free(info);
    return key;
}

/* Writes key as a DER PrivateKeyInfo into *der, which is NULL: its size, or less than 1. CCrypto_free_secret frees it. */
static inline int CCrypto_write_pkcs8(const EVP_PKEY *key, unsigned char **der)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    int count = info == NULL ? 0 : i2d_PKCS8_PRIV_KEY_INFO(info, der);

    PKCS8_PRIV_KEY_INFO_free(info);
    return count;
}

/* Overwrites and frees what OpenSSL allocated. */
static inline void CCrypto_free_secret(void *bytes, size_t count)
{
    OPENSSL_clear_free(bytes, count);
}

static inline EVP_PKEY *CCrypto_public_key(const char *type, OSSL_PARAM *params)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);

    if (context != NULL && EVP_PKEY_fromdata_init(context) == 1) {
        if (EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
            EVP_PKEY_free(key);
            key = NULL;
        }
    }
    EVP_PKEY_CTX_free(context);
    return key;
}

/* The P-256 public key with this uncompressed point (SEC 1 section 2.3.3), NULL when it is not on the curve. */
static inline EVP_PKEY *CCrypto_p256_public_key(const unsigned char *point, size_t count)
{
    char group[] = "P-256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)point, count),
        OSSL_PARAM_construct_end(),
    };
    return CCrypto_public_key("EC", params);
}

/* The uncompressed point of an EC key: 1 and its size in *count. */
static inline int CCrypto_ec_point(const EVP_PKEY *key, unsigned char *point, size_t capacity, size_t *count)
{
    return EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, capacity, count);
}

/* The RSA public key with this modulus and exponent, both in this machine's byte order, as OSSL_PARAM wants them. */
static inline EVP_PKEY *CCrypto_rsa_public_key(const unsigned char *modulus, size_t modulus_count,
                                               const unsigned char *exponent, size_t exponent_count)
{
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, (unsigned char *)modulus, modulus_count),
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, (unsigned char *)exponent, exponent_count),
        OSSL_PARAM_construct_end(),
    };
    return CCrypto_public_key("RSA", params);
}

/* Prepares a context of the HMAC algorithm for HMAC-SHA-256 with this key. */
static inline int CCrypto_hmac_sha256_init(EVP_MAC_CTX *context, const unsigned char *key, size_t count)
{
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_init(context, key, count, params);
}

/* HKDF-SHA-256, extract and expand (RFC 5869). */
static inline int CCrypto_hkdf_sha256(EVP_KDF_CTX *context, const unsigned char *secret, size_t secret_count,
                                      const unsigned char *salt, size_t salt_count,
                                      const unsigned char *info, size_t info_count,
                                      unsigned char *output, size_t output_count)
{
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret, secret_count),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt, salt_count),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info, info_count),
        OSSL_PARAM_construct_end(),
    };
    return EVP_KDF_derive(context, output, output_count, params);
}
